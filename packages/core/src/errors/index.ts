export { errorCodes, type ErrorCode } from './error-codes.ts';
export { TransfuseError, type TransfuseErrorDetails } from './transfuse-error.ts';
