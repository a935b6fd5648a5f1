export { errorCodes, type ErrorCode } from './error-codes.ts';
export { nearestName } from './nearest-name.ts';
export { TransfuseError, type TransfuseErrorDetails } from './transfuse-error.ts';
