import { indexingCases } from '../../../../../test/support/engine-indexing-cases.ts';
import { describeKernelCases } from '../../../../../test/support/engine-kernel-cases.ts';

describeKernelCases(indexingCases);
