// stdin: { module, calls: [[function, ...arguments], ...] }   stdout: what they return
// An argument { constant } stands for a function that returns it.
import { readFileSync } from "node:fs";

const { module, calls } = JSON.parse(readFileSync(0, "utf8"));
const found = await import(`../../ecgae_lib/widgets/${module}`);
const given = (value) => (value?.constant === undefined ? value : () => value.constant);
const plain = (value) => (ArrayBuffer.isView(value) ? Array.from(value) : value);
const call = ([name, ...values]) => plain(found[name](...values.map(given)));
console.log(JSON.stringify(calls.map(call)));
