import { describeKernelCases } from '../../../../../test/support/engine-kernel-cases.ts';
import { poolingCases } from '../../../../../test/support/engine-pooling-cases.ts';

describeKernelCases(poolingCases);
