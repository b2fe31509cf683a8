/** The SDKs that run in Python. */

export const PYTHON_SDKS = {
  qiskit: { title: 'Qiskit', distribution: 'qiskit' },
  cirq: { title: 'Cirq', distribution: 'cirq-core' },
} as const;

export type PythonSdkName = keyof typeof PYTHON_SDKS;

export function isPythonSdkName(name: string): name is PythonSdkName {
  return Object.hasOwn(PYTHON_SDKS, name);
}
