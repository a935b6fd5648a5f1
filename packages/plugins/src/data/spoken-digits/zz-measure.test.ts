import { it } from 'vitest';
import { createSpokenDigitsFactory, createDigitJudge, judgedAccuracy, knownWords } from '@transfuse/plugins/data/spoken-digits';
import { patchAudio } from '@transfuse/adapters/audio';
it('measures', async () => {
  for (const loudness of ['even', 'recorded'] as const) {
    let t = performance.now();
    const data = await createSpokenDigitsFactory().prepare({ source: '/work/shared/data/free-spoken-digit-dataset.tar.gz', loudness }, { cacheFolder: '' });
    console.log(loudness, data.train.length, data.heldOut.map((s) => [s.name, s.length]), 'read', performance.now() - t); t = performance.now();
    const test = [...knownWords(data.heldOut[0]!)];
    const judge = createDigitJudge([...knownWords(data.train), ...knownWords(data.heldOut[1]!)]);
    console.log('taught', performance.now() - t); t = performance.now();
    console.log(judgedAccuracy(judge, test), 'judged', performance.now() - t);
    const d = test.map((w) => judge.judge(w.sound).distance).sort((a, b) => a - b); console.log('distance', d[15], d[150], d[285]);
    const trainOnly = createDigitJudge(knownWords(data.train)); console.log('train only', judgedAccuracy(trainOnly, test), 'held-out', judgedAccuracy(trainOnly, knownWords(data.heldOut[1]!)));
    for (const representation of [{ kind: 'log-mel', windowLength: 256, hop: 64, mels: 64 }, { kind: 'log-mel', windowLength: 256, hop: 64, mels: 40 }, { kind: 'log-mel', windowLength: 512, hop: 128, mels: 64 }, { kind: 'waveform' }] as const) {
      const adapter = patchAudio({ sampleRate: 8000, durations: [0.5, 0.75, 1], representation });
      t = performance.now();
      let [sum, sq, n] = [0, 0, 0]; const out = []; let max = 0;
      for (const w of test) { const latent = await adapter.encode(w.sound); for (const x of latent.data) { sum += x; sq += x * x; n++; max = Math.max(max, x); } out.push({ ...w, sound: (await adapter.decode(latent)) as never }); }
      console.log(JSON.stringify(representation), 'mean', sum / n, 'std', Math.sqrt(sq / n - (sum / n) ** 2), 'max', max, judgedAccuracy(judge, out), 'ms each', (performance.now() - t) / 300);
    }
  }
}, 200000);
