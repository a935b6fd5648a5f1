/**
 * The losses of a batch, taken apart by document: what tests of isolation compare.
 */
import type { Engine, HostTensor } from '@transfuse/core/contracts';
import type { TransfusionModel } from '../../packages/core/src/model/transfusion-model.ts';
import { lossInputs, transfusionLoss } from '../../packages/core/src/objective/transfusion-loss.ts';
import { blockKindName } from '../../packages/core/src/sequence/block-kind.ts';
import type { BatchShape } from '../../packages/core/src/sequence/pack-rows.ts';
import { lossAccount, type LossAccountEntry } from '../../packages/core/src/training/loss-account.ts';
import { lossOutputs } from '../../packages/core/src/training/train-step.ts';
import type { TrainingBatch } from '../../packages/core/src/training/training-batch.ts';

/** The losses of one document: by position where a token is asked, and by block. */
export interface DocumentLosses {
  readonly tokens: Readonly<Record<number, number>>;
  readonly blocks: readonly number[];
}

/** Everything a batch cost. */
export interface BatchLosses {
  readonly total: number;
  readonly text: number;
  readonly diffusion: number;
  readonly account: readonly LossAccountEntry[];
  /** In order of placement. */
  readonly documents: readonly DocumentLosses[];
}

/** Compiles the loss of a model for a batch shape; the result may be run on any batch of that shape. */
export async function lossRunner(
  engine: Engine,
  model: TransfusionModel,
  values: Readonly<Record<string, HostTensor>>,
  shape: BatchShape,
  { diffusionWeight = 5 } = {},
): Promise<(batch: TrainingBatch) => Promise<BatchLosses>> {
  const parameters = engine.createStore(values);
  const compiled = await engine.compile(
    ({ parameters: params }, fed) => ({
      outputs: lossOutputs(transfusionLoss(model, params!, fed, shape, { diffusionWeight })),
    }),
    { name: 'loss', inputs: lossInputs(shape), stores: { parameters } },
  );
  return async (batch) => {
    const outputs = await compiled.run(batch.feeds);
    const account = lossAccount(batch, outputs, { diffusionWeight });
    const number = (name: string) => outputs[name]!.data[0]!;
    return {
      total: number('total'),
      text: number('text'),
      diffusion: number('diffusion'),
      account,
      documents: Array.from({ length: batch.packed.documents }, (_, index) => lossesOf(account, index + 1, batch)),
    };
  };
}

function lossesOf(account: readonly LossAccountEntry[], document: number, { packed }: TrainingBatch): DocumentLosses {
  const own = account.filter((entry) => entry.document === document);
  const tokens: Record<number, number> = {};
  const blocks = new Map<string, number>();
  for (const { loss, row, position, value, block } of own) {
    if (loss === 'next-token') tokens[packed.positions[row * packed.shape.rowLength + position]!] = value;
    if (block !== undefined) blocks.set(`${blockKindName(block.modality, block.latentShape)} ${block.index}`, value);
  }
  return { tokens, blocks: [...blocks.values()] };
}
