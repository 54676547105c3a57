/** The `doorcode` under test. */
export function doorcode() {
  return required('DOORCODE_BIN');
}

/** The entry.js of the code-server to test with. */
export function codeServer() {
  return required('DOORCODE_TEST_CODE_SERVER');
}

/** The Node that runs it. */
export function node() {
  return required('DOORCODE_TEST_NODE');
}

function required(variable) {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set: run these tests with \`make test\``);
  return value;
}
