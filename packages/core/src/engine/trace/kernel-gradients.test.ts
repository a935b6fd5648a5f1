import { gradientCases } from '../../../../../test/support/engine-gradient-cases.ts';
import { describeKernelCases } from '../../../../../test/support/engine-kernel-cases.ts';

describeKernelCases(gradientCases);
