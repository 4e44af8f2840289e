/** Takes its thread down. */
export default function exit(code: number): void {
  process.exit(code);
}
