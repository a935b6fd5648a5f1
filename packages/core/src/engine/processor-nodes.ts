/**
 * Nodes of a graph that stay on the processor although ONNX Runtime's WebGPU provider (1.30) has their operator: it
 * computes them with too few bits, computes something else, or gives up. Found by running the same random cases on both
 * providers. Graphs have few of them, on few numbers.
 */
import type { OnnxGraph, OnnxNode } from './onnx/graph.ts';

/** WGSL promises eleven bits of a sine, and only between -pi and pi. */
const imprecise: ReadonlySet<string> = new Set(['Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Sinh', 'Cosh']);

/** The nodes that the WebGPU provider must not run. */
export function processorNodes({ nodes, initializers }: OnnxGraph): readonly OnnxNode[] {
  const constants = new Map(initializers.map(({ name, bytes }) => [name, bytes]));
  return nodes.filter((node) => {
    if (node.domain !== '') return false;
    if (imprecise.has(node.op)) return true;
    if (node.op === 'MaxPool') return node.outputs.length > 1; // no positions of maxima
    if (node.op === 'ConvTranspose') return !isPlain(node);
    if (node.op === 'Slice') return isBackwards(constants.get(node.inputs[4] ?? ''));
    return false;
  });
}

/** In two dimensions, without groups and holes. */
function isPlain({ attributes: { group, dilations, strides } }: OnnxNode): boolean {
  const ones = dilations === undefined || !('ints' in dilations) || dilations.ints.every((size) => size === 1);
  const flat = strides === undefined || !('ints' in strides) || strides.ints.length <= 2;
  return ones && flat && (group === undefined || ('int' in group && group.int === 1));
}

/** Whether one of these steps is negative; they are 64-bit integers. */
function isBackwards(steps: Uint8Array | undefined): boolean {
  if (steps === undefined) return false;
  const view = new DataView(steps.buffer, steps.byteOffset, steps.byteLength);
  return Array.from({ length: steps.byteLength / 8 }, (_, index) => view.getBigInt64(index * 8, true)).some(
    (step) => step < 0n,
  );
}
