/**
 * Collects nodes and constants while a tensor function is traced. Equal small constants are stored once; names are
 * short and unique within the graph.
 */
import type { DType, HostTensor } from '../../contracts/tensors.ts';
import { reachableNodes } from '../onnx/prune-graph.ts';
import type { OnnxAttribute, OnnxDType, OnnxGraph, OnnxInitializer, OnnxNode, OnnxValue } from '../onnx/graph.ts';

/** What a node is, apart from its names. */
export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  readonly domain?: string;
}

/** Constants up to this many elements are compared by content, so that equal ones are stored once. */
const sharedConstantLimit = 1024;

export class GraphBuilder {
  readonly #name: string;
  #lineOf: (() => string | undefined) | undefined;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxInitializer[] = [];
  readonly #inputs: OnnxValue[] = [];
  readonly #shared = new Map<string, string>();
  readonly #shapes = new Map<string, readonly number[]>();
  #counter = 0;
  #work = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** Lets every node added from now on carry the line of user code that `lineOf` names. */
  recordLines(lineOf: () => string | undefined): void {
    this.#lineOf = lineOf;
  }

  /** Declares a graph input and returns its value name. */
  input(name: string, shape: readonly number[], dtype: DType): string {
    this.#inputs.push({ name, shape, dtype });
    return name;
  }

  /** Stores a constant of the function and returns its value name; the values are copied. */
  constant(tensor: HostTensor): string {
    return this.#initializer(tensor.dtype, tensor.shape, elementBytes(tensor).slice());
  }

  /** Stores a constant without a copy: its array must stay as it is until the graph has been encoded. */
  borrowedConstant(tensor: HostTensor): string {
    return this.#initializer(tensor.dtype, tensor.shape, elementBytes(tensor));
  }

  /** Stores an int64 constant, the type ONNX wants for shapes, axes and indices. */
  integers(values: readonly number[], shape: readonly number[] = [values.length]): string {
    return this.#initializer('int64', shape, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
  }

  /** Stores a scalar constant of an element type. */
  scalar(value: number, dtype: DType): string {
    return this.constant({ data: hostArray(dtype, [value]), shape: [], dtype });
  }

  /** Adds a node with `outputs` results and returns their value names. */
  node(op: string, inputs: readonly string[], outputs: number, options: NodeOptions = {}): readonly string[] {
    const names = Array.from({ length: outputs }, () => this.#fresh('v'));
    const source = this.#lineOf?.();
    this.#nodes.push({
      op,
      inputs,
      outputs: names,
      attributes: options.attributes ?? {},
      domain: options.domain ?? '',
      ...(source !== undefined && { source }),
    });
    return names;
  }

  /** Adds a node with one result. */
  op(op: string, inputs: readonly string[], options: NodeOptions = {}): string {
    return this.node(op, inputs, 1, options)[0]!;
  }

  /** Remembers the shape of a value; the first one told is its own, later ones may be views. */
  noteShape(name: string, shape: readonly number[]): void {
    if (!this.#shapes.has(name)) this.#shapes.set(name, [...shape]);
  }

  /** Counts the floating-point operations of a matrix product. */
  countWork(operations: number): void {
    this.#work += operations;
  }

  /**
   * Ends the graph with the given results under the given names. Nodes and constants that no result needs are left
   * out. A node's result takes the wanted name directly; a result that is an input or constant, or is wanted under a
   * second name, goes through an `Identity`.
   */
  finish(outputs: readonly (OnnxValue & { readonly value: string })[]): OnnxGraph {
    const produced = new Set(this.#nodes.flatMap((node) => node.outputs));
    const renamed = new Map<string, string>();
    const copies: OnnxNode[] = [];
    for (const { name, value } of outputs) {
      if (produced.has(value) && !renamed.has(value)) renamed.set(value, name);
      else copies.push({ op: 'Identity', inputs: [value], outputs: [name], attributes: {}, domain: '' });
    }
    const rename = (value: string) => renamed.get(value) ?? value;
    const nodes = reachableNodes(
      [...this.#nodes, ...copies].map((node) => ({
        ...node,
        inputs: node.inputs.map(rename),
        outputs: node.outputs.map(rename),
      })),
      outputs.map(({ name }) => name),
    );
    const used = new Set(nodes.flatMap((node) => node.inputs));
    return {
      name: this.#name,
      nodes,
      initializers: this.#initializers.filter(({ name }) => used.has(name)),
      inputs: this.#inputs.filter(({ name }) => used.has(name)),
      outputs: outputs.map(({ name, shape, dtype }) => ({ name, shape, dtype })),
      work: this.#work,
      shapes: new Map([...this.#shapes].map(([value, shape]) => [rename(value), shape])),
    };
  }

  #initializer(dtype: OnnxDType, shape: readonly number[], bytes: Uint8Array): string {
    const count = shape.reduce((product, size) => product * size, 1);
    const key = count <= sharedConstantLimit ? `${dtype}[${shape.join()}]${bytes.join()}` : undefined;
    const known = key === undefined ? undefined : this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.#fresh('c');
    this.#initializers.push({ name, dtype, shape, bytes });
    if (key !== undefined) this.#shared.set(key, name);
    return name;
  }

  #fresh(prefix: string): string {
    return `${prefix}${this.#counter++}`;
  }
}

/** Values as the typed array of an element type. */
export function hostArray(dtype: DType, values: ArrayLike<number>): HostTensor['data'] {
  if (dtype === 'float32') return Float32Array.from(values);
  if (dtype === 'int32') return Int32Array.from(values);
  return Uint8Array.from(values);
}

function elementBytes({ data }: HostTensor): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
