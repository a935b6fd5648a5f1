export { errorCodes, type ErrorCode, TransfuseError, type TransfuseErrorDetails } from './errors/index.ts';
