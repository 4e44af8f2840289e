export default (n: number) => n + 1;
