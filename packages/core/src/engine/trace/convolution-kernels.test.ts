import { convolutionCases } from '../../../../../test/support/engine-convolution-cases.ts';
import { describeKernelCases } from '../../../../../test/support/engine-kernel-cases.ts';
describeKernelCases(convolutionCases);
