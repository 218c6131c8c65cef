// stdin: { beats, value, error }   stdout: labels and numbers as a page writes them
import { readFileSync } from "node:fs";
import { unitsOf } from "../../ecgae_lib/widgets/shared/units.js";

const { beats, value, error } = JSON.parse(readFileSync(0, "utf8"));
const { timeLabel, signalLabel, errorLabel, ...units } = unitsOf(beats);
const numbers = [units.value(value), units.error(error), units.time(46), units.onCurve(error)];
console.log(JSON.stringify([timeLabel, signalLabel, errorLabel, ...numbers]));
