import { describe, expect, it, vi } from 'vitest';
import type { TestProject } from 'vitest/node';
import { type MissingPart, missingLines, notTestedHere } from './support/missing-part.ts';
import summarizeMissingParts from './support/missing-parts-summary.ts';

const graphics: MissingPart = {
  what: 'the engine conformance on WebGPU',
  problem: 'no Vulkan driver',
  mend: 'see docs/engines.md',
};
const python: MissingPart = { what: 'exporting for Python', problem: 'python3 is missing', mend: 'install it' };

/** A file of tests, each skipped for a part or run. */
const fileOf = (...parts: readonly (MissingPart | undefined)[]) => ({
  children: { allTests: () => parts.map((missing) => ({ meta: () => (missing === undefined ? {} : { missing }) })) },
});
const linesOf = (...files: readonly ReturnType<typeof fileOf>[]) =>
  missingLines(files as unknown as Parameters<typeof missingLines>[0]);

describe('what was not tested', () => {
  it('is said with the reason and how to make it available', () => {
    expect(notTestedHere(graphics)).toBe(
      'not tested here: the engine conformance on WebGPU (no Vulkan driver; see docs/engines.md)',
    );
  });

  it('is said in one line, whatever the reason’s text', () => {
    const problem = ' Traceback:\n  File "x"\r\n\nModuleNotFoundError: onnx\n';
    expect(notTestedHere({ ...python, problem })).toBe(
      'not tested here: exporting for Python (Traceback: File "x" ModuleNotFoundError: onnx; install it)',
    );
  });

  it('is said once, however many files were skipped for it and even where their reasons differ', () => {
    const lines = linesOf(
      fileOf(graphics, undefined, graphics),
      fileOf(python, { ...graphics, problem: 'another reason' }),
    );
    expect(lines).toEqual([notTestedHere(python), notTestedHere(graphics)]);
  });

  it('is nothing where everything is there', () => {
    expect(linesOf(fileOf(undefined, undefined), fileOf())).toEqual([]);
  });

  it('is written after a run of several projects by one of them, for all', () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    for (const isRoot of [false, true, false]) {
      const state = { getTestModules: () => [fileOf(graphics), fileOf(python, graphics)] };
      const project = { isRootProject: () => isRoot, vitest: { state } } as unknown as TestProject;
      summarizeMissingParts(project)?.();
    }
    const written = write.mock.calls.map(([text]) => text);
    write.mockRestore();
    expect(written).toEqual([`${notTestedHere(python)}\n`, `${notTestedHere(graphics)}\n`]);
  });
});
