import { describeKernelCases } from '../../../../../test/support/engine-kernel-cases.ts';
import { reductionCases } from '../../../../../test/support/engine-reduction-cases.ts';

describeKernelCases(reductionCases);
