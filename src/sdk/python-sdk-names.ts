/** The SDKs that run in Python. */

interface PythonSdkFacts {
  readonly title: string;
  /** Whose version is the SDK's. */
  readonly distribution: string;
  /** What its simulator takes an amplitude, for those that ask for memory unchecked and take the machine down with them. */
  readonly bytesPerAmplitude?: number;
}

export const PYTHON_SDKS = {
  qiskit: { title: 'Qiskit', distribution: 'qiskit' },
  /** Two buffers of single precision. */
  cirq: { title: 'Cirq', distribution: 'cirq-core', bytesPerAmplitude: 16 },
  braket: { title: 'Amazon Braket', distribution: 'amazon-braket-sdk', bytesPerAmplitude: 64 },
  pennylane: { title: 'PennyLane', distribution: 'pennylane', bytesPerAmplitude: 64 },
  qulacs: { title: 'Qulacs', distribution: 'qulacs', bytesPerAmplitude: 32 },
} as const satisfies Readonly<Record<string, PythonSdkFacts>>;

export type PythonSdkName = keyof typeof PYTHON_SDKS;

export function isPythonSdkName(name: string): name is PythonSdkName {
  return Object.hasOwn(PYTHON_SDKS, name);
}

export function factsOf(name: PythonSdkName): PythonSdkFacts {
  return PYTHON_SDKS[name];
}
