/*
 * Two mel scales, which follow how far apart frequencies sound: Slaney's (Auditory Toolbox, 1998), linear up to 1000 Hz
 * and logarithmic from there on, and that of the Hidden Markov Model Toolkit, 2595 log10(1 + f / 700) (O'Shaughnessy
 * 1987).
 */

/** The name of a mel scale. */
export type MelScaleName = 'slaney' | 'htk';

/** Frequencies in hertz to mels and back. */
export interface MelScale {
  toMel(hertz: number): number;
  toHertz(mel: number): number;
}

const linearStep = 200 / 3; // hertz per mel up to 1000 Hz
const knee = { hertz: 1000, mel: 1000 / linearStep };
const logarithmicStep = Math.log(6.4) / 27;

export const melScales: Readonly<Record<MelScaleName, MelScale>> = {
  slaney: {
    toMel: (hertz) =>
      hertz < knee.hertz ? hertz / linearStep : knee.mel + Math.log(hertz / knee.hertz) / logarithmicStep,
    toHertz: (mel) => (mel < knee.mel ? mel * linearStep : knee.hertz * Math.exp((mel - knee.mel) * logarithmicStep)),
  },
  htk: {
    toMel: (hertz) => 2595 * Math.log10(1 + hertz / 700),
    toHertz: (mel) => 700 * (10 ** (mel / 2595) - 1),
  },
};
