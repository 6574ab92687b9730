// The work of demo.py as plain loops over weights: one network at a time, fresh weights, all layers' gradients.
// For every line on standard input it does all of it once and prints the milliseconds.

"use strict";

let spare = NaN;

function normal() {
  if (!Number.isNaN(spare)) {
    const kept = spare;
    spare = NaN;
    return kept;
  }
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
  const angle = 2 * Math.PI * Math.random();
  spare = radius * Math.sin(angle);
  return radius * Math.cos(angle);
}

function uniform() {
  return 2 * Math.random() - 1;
}

function weights(fanOut, fanIn, draw) {
  const scale = Math.sqrt(2 / (fanIn + fanOut));
  const w = new Float64Array(fanOut * fanIn);
  for (let i = 0; i < w.length; i++) w[i] = scale * draw();
  return w;
}

/** Mean |gradient| at L0 … L{L-1}. */
function network(layers, neurons, x, draw) {
  const ws = [];
  const slopes = [];
  let a = x;
  for (let l = 0; l < layers; l++) {
    const w = weights(neurons, a.length, draw);
    const next = new Float64Array(neurons);
    const slope = new Float64Array(neurons);
    for (let i = 0; i < neurons; i++) {
      let z = 0;
      for (let j = 0, at = i * a.length; j < a.length; j++) z += w[at + j] * a[j];
      next[i] = Math.tanh(z);
      slope[i] = 1 - next[i] * next[i];
    }
    ws.push(w);
    slopes.push(slope);
    a = next;
  }
  const gradients = new Float64Array(layers);
  let arriving = new Float64Array(neurons).fill(1);
  for (let l = layers - 1; l >= 0; l--) {
    const before = new Float64Array(neurons);
    for (let i = 0; i < neurons; i++) {
      const delta = slopes[l][i] * arriving[i];
      gradients[l] += Math.abs(delta) / neurons;
      if (l > 0) for (let j = 0, at = i * neurons; j < neurons; j++) before[j] += ws[l][at + j] * delta;
    }
    arriving = before;
  }
  return gradients;
}

function comparison([layers, neurons, features], runs) {
  for (let run = 0; run < runs; run++) {
    const x = Float64Array.from({ length: features }, () => 0.25 + 0.5 * Math.random());
    for (const draw of [uniform, normal]) network(layers, neurons, x, draw);
  }
}

const work = JSON.parse(process.argv[2]);
require("readline")
  .createInterface({ input: process.stdin })
  .on("line", () => {
    const start = process.hrtime.bigint();
    for (const [shape, runs] of work) comparison(shape, runs);
    console.log(Number(process.hrtime.bigint() - start) / 1e6);
  });
