// stdin: [settings, ...]   stdout: for each what the page computes and says about them
import { readFileSync } from "node:fs";
import * as lengths from "../../ecgae_lib/widgets/length_explorer/lengths.js";
import { judge, steps, tell } from "../../ecgae_lib/widgets/length_explorer/words.js";
import { plain } from "../../ecgae_lib/widgets/shared/formula.js";

// [input, output] of every connection between real samples, followed from the stops.
function connections(pic) {
  const found = [];
  for (let j = 0; j < pic.stops; j++) {
    for (const position of pic.cellsUnder(j)) {
      if (position < 0 || position >= pic.size) throw new Error(`no cell at ${position}`);
      if (pic.kindAt(position) !== "real") continue;
      const n = pic.sampleAt(position);
      found.push(pic.cells === "input" ? [n, j] : [j, n]);
    }
  }
  return found;
}

// The same, followed from the cells.
function backwards(pic) {
  return Array.from({ length: pic.real }, (_, n) =>
    pic.stopsOver(pic.positionOf(n)).map((j) => (pic.cells === "input" ? [n, j] : [j, n])),
  ).flat();
}

function cells(pic) {
  return Array.from({ length: pic.size }, (_, at) => pic.kindAt(at));
}

function describe(s) {
  const refusal = lengths.refusal(s);
  if (refusal !== null) return { refusal };
  const views = ["scatter", "zeros"].map((view) => new lengths.Picture(s, view));
  return {
    refusal,
    length: lengths.outputLength(s),
    counts: Array.from(lengths.counts(s)),
    unread: lengths.unread(s),
    perRemainder: lengths.weightsPerRemainder(s),
    connections: views.map(connections),
    backwards: views.map(backwards),
    cells: views.map(cells),
    steps: plain(steps(s)),
    judge: judge(s),
    tell: views.map((pic) => [tell(pic, ["input", 0]), tell(pic, ["output", 0])]),
  };
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(describe)));
