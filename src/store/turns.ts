/** Among the ready jobs of a priority, first and later attempts take turns: retries should not delay what was never tried. */
export const FIRST_TURN = 0;
export const LATER_TURN = 1;
