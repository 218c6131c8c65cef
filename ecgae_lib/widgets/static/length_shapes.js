// Small shapes as paths, in pixels, and small texts.
import { sampleAt } from "./lengths.js";

export const fix = (v) => Number(v.toFixed(2));
export const box = (x, y, w, h) => `M${fix(x)} ${fix(y)}h${fix(w)}v${fix(h)}h${fix(-w)}z`;
export const cross = (x, y, w, h) => `M${fix(x)} ${fix(y)}l${fix(w)} ${fix(h)}m0 ${fix(-h)}l${fix(-w)} ${fix(h)}`;

export function cellText(pic, position, kind) {
  if (kind === "real") return String(sampleAt(pic, position));
  return kind === "cropped" ? "" : "0";
}

// 50625 as 50,625.
export const group = (n) => n.toLocaleString("en-US");
