import { rearrangementCases } from '../../../../../test/support/engine-rearrangement-cases.ts';
import { describeKernelCases } from '../../../../../test/support/engine-kernel-cases.ts';

describeKernelCases(rearrangementCases);
