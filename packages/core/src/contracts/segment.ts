/** One stretch of a document: a value of one modality. */
export interface Segment<Value = unknown> {
  readonly modality: string;
  readonly value: Value;
  /**
   * For training on a continuous value: its largest noise time, above 0 and up to 1. A data set lowers it where later
   * segments are made from this one, so that there is something to see. Default: `objective.imageFirstTimeCap` where the
   * value stands before its caption and no caption before it, otherwise 1.
   */
  readonly maximumTime?: number;
}
