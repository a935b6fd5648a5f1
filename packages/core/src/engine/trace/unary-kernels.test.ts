import { describeKernelCases } from '../../../../../test/support/engine-kernel-cases.ts';
import { unaryCases } from '../../../../../test/support/engine-unary-cases.ts';

describeKernelCases(unaryCases);
