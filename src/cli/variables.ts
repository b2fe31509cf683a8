/** The environment variables that the program reads, for the manual and docs/cli-reference.md. A test holds the list to the source. */

export const VARIABLES: Readonly<Record<string, string>> = {
  QPOE_HOME: 'the home: keys, trust and settings (--home)',
  QPOE_STORE: 'the store (--store)',
  QPOE_POLICY: 'whom to trust (--policy)',
  QPOE_KEY: 'what signs records (--key)',
  QPOE_PYTHON: 'the Python that has the SDK (--python)',
  QPOE_SDK: 'what runs a circuit (--sdk)',
  QPOE_PASSPHRASE_FILE: 'a file with the passphrase of the keys',
  QPOE_PASSPHRASE: 'the passphrase itself',
  QPOE_CHAIN_KEY: 'the key that pays for anchors: 64 hex digits, or the JSON of a keystore',
  QPOE_CHAIN_SIGNER_KEY: 'the key whose log is anchored, in the same forms',
  QPOE_CHAIN_PASSPHRASE_FILE: 'a file with the passphrase of a keystore',
  QPOE_CHAIN_PASSPHRASE: 'the passphrase itself',
  QISKIT_IBM_TOKEN: 'as the official client reads it, for runtime',
  QISKIT_IBM_INSTANCE: 'the same',
  QISKIT_IBM_URL: 'the same',
  QISKIT_IBM_CHANNEL: 'the same',
  IAM_URL: 'the same',
  GLOBAL_SEARCH_URL: 'the same',
  QPOE_CACHE:
    'SDK environments and compiled code, an absolute path (default: $XDG_CACHE_HOME/qpoe, else ~/.cache/qpoe)',
  QPOE_DEBUG: 'stack traces of errors, if not empty',
  NO_COLOR: 'no colours, if set',
};

/** Set by `exec` for the Pythons below it; not for people. */
export const INNER_VARIABLES: readonly string[] = ['QPOE_EXEC_SPOOL', 'QPOE_EXEC_PACKAGES'];
