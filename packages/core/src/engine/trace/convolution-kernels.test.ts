import { convolutionCases } from '../../../../../test/support/engine-convolution-cases.ts';
import { describeKernelCases } from '../../../../../test/support/engine-kernel-cases.ts';
import { specialConvolutionCases } from '../../../../../test/support/engine-special-convolution-cases.ts';

describeKernelCases([...convolutionCases, ...specialConvolutionCases]);
