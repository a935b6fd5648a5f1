/**
 * Takes updates that can be computed element by element out of a graph. What remains gives the arrays and numbers that
 * they need besides what stores hold: of an optimizer's step the gradients and a few factors.
 */
import { elementCount } from '../check-feed.ts';
import type { OnnxGraph, OnnxValue } from '../onnx/graph.ts';
import { pruneGraph } from '../onnx/prune-graph.ts';
import { elementFormulas } from './element-formulas.ts';
import type { ElementUpdate, StoredTensor, UpdateOperand } from './element-update.ts';
import { type GraphIndex, indexGraph, isStored, readExpression, type UpdateExpression } from './update-expression.ts';

/** Fewer operations are as well done by the runtime, with all its threads (measured with two). */
const fewestOperations = 4;
/** One loop has room for so many; updates that are more entangled than that stay in the graph. */
const mostOperations = 256;
const mostOperands = 64;

/** A graph without the updates that are computed apart from it. */
export interface SplitGraph {
  readonly graph: OnnxGraph;
  readonly updates: readonly ElementUpdate[];
}

/** An update that could be computed apart. */
interface Candidate {
  readonly output: OnnxValue;
  readonly expression: UpdateExpression;
  /** The tensors of stores that it reads or writes, as `<store>/<tensor>`. */
  readonly touched: readonly string[];
}

/**
 * Splits a graph. Updates that read or write the same tensor are computed together, as all of them mean what stores held
 * before.
 *
 * @param inMemory whether a tensor's values lie where JavaScript can change them
 */
export function splitUpdates(graph: OnnxGraph, inMemory: (tensor: StoredTensor) => boolean): SplitGraph {
  const index = indexGraph(graph);
  const groups = connected(candidatesOf(graph, index)).filter((group) => {
    const parts = partsOf(group);
    const operations = parts.filter(({ kind }) => kind === 'operation').length;
    const operands = parts.flatMap((part) => (part.kind === 'array' || part.kind === 'number' ? part.value : []));
    const read = operands.filter((name) => index.inputs.has(name) && isStored(name));
    const tensors = [...group.flatMap(({ touched }) => touched), ...read].map(storedTensor);
    return (
      operations >= fewestOperations &&
      operations <= mostOperations &&
      operands.length + group.length <= mostOperands &&
      tensors.every(inMemory)
    );
  });
  if (groups.length === 0) return { graph, updates: [] };
  const updates = groups.map((group) => updateOf(group, index));
  const apart = new Set(groups.flat().map(({ output }) => output.name));
  const outputs = graph.outputs.filter(({ name }) => !apart.has(name));
  const given = new Set(outputs.map(({ name }) => name));
  for (const operand of updates.flatMap(({ arrays, numbers }) => [...arrays, ...numbers])) {
    if (operand.from !== 'graph' || given.has(operand.name)) continue;
    given.add(operand.name);
    outputs.push({ name: operand.name, shape: index.shapeOf(operand.name)!, dtype: 'float32' });
  }
  const rest = pruneGraph({ ...graph, outputs });
  const used = new Set(rest.nodes.flatMap(({ inputs }) => inputs));
  return { graph: { ...rest, inputs: graph.inputs.filter(({ name }) => used.has(name)) }, updates };
}

function candidatesOf(graph: OnnxGraph, index: GraphIndex): Candidate[] {
  const known = new Map<string, Map<string, UpdateExpression | undefined>>();
  const candidates: Candidate[] = [];
  for (const output of graph.outputs) {
    const { name, shape, dtype } = output;
    if (!name.startsWith('update/') || dtype !== 'float32' || elementCount(shape) < 2) continue;
    const ofShape = known.get(shape.join()) ?? new Map<string, UpdateExpression | undefined>();
    known.set(shape.join(), ofShape);
    const expression = readExpression(index, name, shape, ofShape);
    if (expression?.kind !== 'operation' || !expression.stored) continue;
    const read = partsOf([{ expression }]).flatMap((part) => (part.kind === 'array' && part.stored ? part.value : []));
    candidates.push({ output, expression, touched: [name.slice('update/'.length), ...read] });
  }
  return candidates;
}

/** Candidates in groups that touch tensors in common, directly or through others. */
function connected(candidates: readonly Candidate[]): readonly (readonly Candidate[])[] {
  const groupOf = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const met = new Set(candidate.touched.flatMap((name) => (groupOf.has(name) ? [groupOf.get(name)!] : [])));
    const group = [...[...met].flat(), candidate];
    for (const { touched } of group) for (const name of touched) groupOf.set(name, group);
  }
  return [...new Set(groupOf.values())];
}

/** Every expression in the candidates', once. */
function partsOf(candidates: readonly Pick<Candidate, 'expression'>[]): readonly UpdateExpression[] {
  const parts = new Set<UpdateExpression>();
  const visit = (expression: UpdateExpression): void => {
    if (parts.has(expression)) return;
    parts.add(expression);
    if (expression.kind === 'operation') expression.operands.forEach(visit);
  };
  for (const { expression } of candidates) visit(expression);
  return [...parts];
}

function updateOf(group: readonly Candidate[], index: GraphIndex): ElementUpdate {
  const { formulas, arrays, numbers } = elementFormulas(group.map(({ expression }) => expression));
  const source = index.producers.get(group[0]!.output.name)?.source;
  return {
    length: elementCount(group[0]!.output.shape),
    formulas,
    arrays: arrays.map((value) => operandOf(value, index)),
    numbers: numbers.map((value) => operandOf(value, index)),
    targets: group.map(({ output }) => storedTensor(output.name.slice('update/'.length))),
    ...(source !== undefined && { source }),
  };
}

function operandOf(value: string, { inputs }: GraphIndex): UpdateOperand {
  if (!inputs.has(value)) return { from: 'graph', name: value };
  if (isStored(value)) return { from: 'store', ...storedTensor(value) };
  return { from: 'input', input: value.slice('input/'.length) };
}

/** A tensor by its name `<store>/<tensor>`. */
function storedTensor(name: string): StoredTensor {
  const slash = name.indexOf('/');
  return { store: name.slice(0, slash), tensor: name.slice(slash + 1) };
}
