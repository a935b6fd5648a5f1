/** What passes over graphs are made of: nodes of the ONNX standard, small constants, and the shapes that are known. */
import type { OnnxGraph, OnnxInitializer, OnnxNode } from './graph.ts';

/** A node of the ONNX standard with one result. */
export function standardNode(
  op: string,
  inputs: readonly string[],
  output: string,
  { attributes = {}, source }: Partial<Pick<OnnxNode, 'attributes' | 'source'>> = {},
): OnnxNode {
  return { ...(source !== undefined && { source }), op, domain: '', inputs, outputs: [output], attributes };
}

/** The user's line that a node comes from, for nodes that stand for it. */
export function lineOf({ source }: OnnxNode): Pick<OnnxNode, 'source'> {
  return source === undefined ? {} : { source };
}

/** A constant of sizes, axes or positions. */
export function integers(name: string, values: readonly number[]): OnnxInitializer {
  const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  return { name, shape: [values.length], dtype: 'int64', bytes };
}

/** A float32 constant without axes. */
export function scalar(name: string, value: number): OnnxInitializer {
  return { name, shape: [], dtype: 'float32', bytes: new Uint8Array(Float32Array.of(value).buffer) };
}

/** What {@link integers} holds. */
export function integersOf({ bytes }: OnnxInitializer): readonly number[] {
  return Array.from(new BigInt64Array(bytes.slice().buffer), Number);
}

/** Shapes by value: what tracing knew, and what inputs, outputs and constants say of themselves. */
export function shapesOf(graph: OnnxGraph): ReadonlyMap<string, readonly number[]> {
  const declared = [...graph.inputs, ...graph.outputs, ...graph.initializers];
  return new Map([...(graph.shapes ?? []), ...declared.map(({ name, shape }) => [name, shape] as const)]);
}
