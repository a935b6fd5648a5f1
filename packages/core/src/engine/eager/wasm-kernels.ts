export function completeWasmKernels(): void {}
