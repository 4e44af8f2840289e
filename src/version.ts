/** The version of this package: package.json has the same one. Not read from there, so that bundles need no file. */
export const VERSION = "0.1.0";
