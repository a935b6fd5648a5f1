// What a training run has to say for itself once it is over: plain data, no behaviour. The trainer fills it in, the
// report renderer turns it into a page, and nothing in it refers to live objects.

import type { RawAudio } from '@transfuse/adapters/audio';
import type { RawClip } from '@transfuse/adapters/video';
import type { RawImage } from '@transfuse/core/contracts';

/** What a model makes and a report shows: a picture, a sound or a clip. */
export type ReportValue = RawImage | RawAudio | RawClip;

/** The computer and the engine a run used. */
interface ReportMachine {
  /** The processor's name, for example `AMD EPYC 7763`. */
  readonly cpu: string;
  /** Logical processor cores. */
  readonly cores: number;
  /** Main memory in GiB (2^30 bytes). */
  readonly memoryGiB: number;
  /** The Node.js version, for example `v20.20.0`. */
  readonly node: string;
  /** Operating system and architecture, for example `linux x64`. */
  readonly platform: string;
  /** What computed, for example `ONNX Runtime 1.30.0, cpu, 2 threads`. */
  readonly engine: string;
}

/** One record of the training log. A value that was not measured is `NaN` and leaves a gap in its chart. */
export interface ReportLoss {
  /** The training step, counted from 1. */
  readonly step: number;
  /** Next-token loss, nats per text token. */
  readonly text: number;
  /** Diffusion loss, mean squared error per latent value. */
  readonly diffusion: number;
  /** The same of each continuous modality by its name, where a model has several and the step had it. */
  readonly diffusionOf?: Readonly<Record<string, number>>;
  /** The weighted sum that was minimised. */
  readonly total: number;
  /** The optimizer's learning rate at this step. */
  readonly learningRate: number;
  /** Sequence tokens (of every modality) trained on per second. */
  readonly tokensPerSecond: number;
}

/** What the model made for the same captions as it was after `step` training steps. */
export interface ReportProgressGrid {
  readonly step: number;
  /** In the same order, with the same captions and kinds, at every step. */
  readonly samples: readonly ReportSample[];
}

/** What the model made for one caption. */
export interface ReportSample {
  /** Empty where it was asked for without a text. */
  readonly caption: string;
  readonly value: ReportValue;
}

/** What the finished model made for one caption, and the data set's own value where there is one. */
export interface ReportDrawing {
  readonly caption: string;
  /** All of one kind. */
  readonly generated: readonly ReportValue[];
  readonly real?: ReportValue;
}

/** A drawing for a caption of a held-out split. */
export interface ReportHeldOutDrawing extends ReportDrawing {
  /** The split's name, for example `unseen-style`. */
  readonly split: string;
}

/** One value captioned by the model. */
export interface ReportCaption {
  readonly split: string;
  /** The data set item's id. */
  readonly id: string;
  readonly value: ReportValue;
  /** The caption in the data set. */
  readonly expected: string;
  /** What the model wrote. */
  readonly written: string;
  /** Whether what it wrote counts as an exact match; decided by whoever evaluates, not by the report. */
  readonly correct: boolean;
}

/** One measured result. */
export interface ReportScore {
  readonly label: string;
  /** A number is shown to four significant digits; a string is shown as it is. */
  readonly value: number | string;
  /** The unit that follows the value, for example `%`; none by default. */
  readonly unit?: string;
  /** What was measured, over how many samples, and which direction is better. */
  readonly note: string;
}

/** Everything the report of one training run shows. Empty lists leave their section out. */
export interface TrainingReport {
  readonly title: string;
  /** A few sentences; blank lines separate paragraphs. */
  readonly summary: string;
  /** When the run ended, as an ISO 8601 date and time. */
  readonly finished: string;
  readonly machine: ReportMachine;
  /** How long each stage took, in seconds. */
  readonly durations: readonly { readonly label: string; readonly seconds: number }[];
  /** The run's whole resolved configuration, as plain data. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly model: {
    /** Trainable parameters in all. */
    readonly parameters: number;
    readonly parts: readonly { readonly name: string; readonly parameters: number }[];
  };
  readonly data: {
    readonly name: string;
    readonly trainItems: number;
    readonly heldOut: readonly { readonly split: string; readonly items: number }[];
    /** One line per source: its name, its authors and its licence. */
    readonly licences: readonly string[];
  };
  /** In the order of training; hundreds to thousands of records. */
  readonly losses: readonly ReportLoss[];
  readonly progressGrids: readonly ReportProgressGrid[];
  /** Captions that were in the training data. */
  readonly trained: readonly ReportDrawing[];
  /** Captions whose value was kept back from training. */
  readonly heldOut: readonly ReportHeldOutDrawing[];
  readonly captions: readonly ReportCaption[];
  readonly scores?: readonly ReportScore[];
  /** Remarks for the reader, one sentence or two each. */
  readonly notes: readonly string[];
}
