import { normalizationCases } from '../../../../../test/support/engine-normalization-cases.ts';
import { describeKernelCases } from '../../../../../test/support/engine-kernel-cases.ts';

describeKernelCases(normalizationCases);
