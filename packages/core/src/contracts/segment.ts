/** One stretch of a document: a value of one modality. */
export interface Segment<Value = unknown> {
  readonly modality: string;
  readonly value: Value;
}
