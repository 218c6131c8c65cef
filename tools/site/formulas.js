// Formulas as MathML: a line of JSON for each, { latex, block } in, { mathml } or { error } out.
import { createInterface } from "node:readline";
import temml from "temml";

const LONG = 25; // letters in an inline formula that need not stay on one line
const options = {
  throwOnError: true,
  trust: true, // \class
  macros: {
    "\\texttt": "\\class{code}{\\text{#1}}", // in the page's own typewriter
    // Braces: temml leaves a thin space between a group and \log, but none after a fraction.
    "\\frac": "{\\genfrac{}{}{}{}{#1}{#2}}",
    "\\tfrac": "{\\genfrac{}{}{}{1}{#1}{#2}}",
    "\\bmod": "\\;\\mathrm{mod}\\;", // its spaces stay in an index, as in TeX
    "\\dots": "\\text{…}", // Chromium leaves room around the operator
  },
};

function convert({ latex, block }) {
  const render = (wrap) => temml.renderToString(latex, { ...options, displayMode: block, wrap });
  const mathml = render("none");
  const letters = mathml.replace(/<[^>]*>/g, "").length;
  return (block || letters < LONG ? mathml : render("tex"))
    .replaceAll("<mo>\u2061</mo>", "") // of \log: Firefox leaves room for the invisible sign
    .replaceAll("<mo>⊙</mo>", '<mo largeop="false">⊙</mo>'); // Firefox makes it as large as a sum
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    console.log(JSON.stringify({ mathml: convert(JSON.parse(line)) }));
  } catch (error) {
    console.log(JSON.stringify({ error: error.message.split("\n")[0] }));
  }
}
