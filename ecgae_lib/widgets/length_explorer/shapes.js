// Small shapes as paths, in pixels.

export const fix = (v) => Number(v.toFixed(2));

export const box = (x, y, w, h) => `M${fix(x)} ${fix(y)}h${fix(w)}v${fix(h)}h${fix(-w)}z`;

export const cross = (x, y, w, h) =>
  `M${fix(x)} ${fix(y)}l${fix(w)} ${fix(h)}m0 ${fix(-h)}l${fix(-w)} ${fix(h)}`;
