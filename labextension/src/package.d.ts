declare module '*/package.json' {
  const data: { version: string };
  export default data;
}
