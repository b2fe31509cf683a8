"""Writes vectors/statistics/: what SciPy says of the statistics, one concept a file. Existing files are left as they are.

    python scripts/write-statistics-vectors.py      (a Python with NumPy and SciPy: each SDK's environment has them)
"""

import json
import math
import pathlib
import platform

import numpy
import scipy
from scipy import optimize, special, stats

FOLDER = pathlib.Path(__file__).parent.parent / "vectors" / "statistics"
VERSIONS = {"python": platform.python_version(), "numpy": numpy.__version__, "scipy": scipy.__version__}
RANDOM = numpy.random.default_rng(20261122)


def write(name, about, cases):
    path = FOLDER / f"{name}.json"
    if path.exists():
        print(f"there already: {path.name}")
        return
    content = {"about": about, "made_with": VERSIONS, "cases": cases}
    path.write_text(json.dumps(content, indent=1, allow_nan=False) + "\n")


def incomplete_gamma():
    cases = []
    for a in [0.5, 1, 1.5, 2, 7, 15.5, 16, 16.5, 50, 499.5, 5000, 100000.5, 2000000]:
        spread = math.sqrt(a)
        points = [a * 1e-6, a / 10, a / 2, a - 3 * spread, a - 1, a, a + 1, a + spread, a + 3 * spread, a + 8 * spread, 2 * a, 5 * a + 20]
        for x in points:
            q = float(special.gammaincc(a, x)) if x > 0 else 1.0
            if x > 0 and q > 1e-290:
                cases.append({"a": a, "x": x, "q": q})
    write("incomplete-gamma", "scipy.special.gammaincc(a, x)", cases)


def tails():
    cases = [{"chi_square": x, "df": df, "p": float(stats.chi2.sf(x, df))}
             for df in [1, 2, 3, 10, 199, 4095] for x in [0.01, 1, df, df + 2 * math.sqrt(2 * df), df + 9 * math.sqrt(2 * df)]]
    cases += [{"z": z, "p": float(2 * stats.norm.sf(abs(z)))} for z in [0, 0.1, -1, 1.96, 3.29, -5, 8, 20, 35]]
    write("tails", "scipy.stats.chi2.sf(chi_square, df); two-sided 2·scipy.stats.norm.sf(|z|)", cases)


def g_test_fit():
    """No cell is pooled: every expectation is at least five."""
    cases = []
    for size, shots in [(2, 10), (3, 100), (8, 1000), (64, 100000), (500, 100000), (16, 10000000)]:
        p = RANDOM.dirichlet(numpy.full(size, 3.0)) * 0.5 + 0.5 / size
        for drawn in [p, 0.9 * p + 0.1 / size]:
            observed = RANDOM.multinomial(shots, drawn / drawn.sum())
            expected = p * (shots / p.sum())
            if expected.min() < 5:
                expected = numpy.full(size, shots / size)
            g, _ = stats.power_divergence(observed, expected, lambda_="log-likelihood")
            correction = 1 + ((shots / expected).sum() - 1) / (6 * shots * (size - 1))
            cases.append({"observed": observed.tolist(), "expected": expected.tolist(), "statistic": float(g),
                          "df": size - 1, "correction": float(correction), "p": float(stats.chi2.sf(g / correction, size - 1))})
    write("g-test-fit", 'scipy.stats.power_divergence(observed, expected, lambda_="log-likelihood"); p of the statistic over Williams\'s correction', cases)


def g_test_samples():
    cases = []
    for size, shots_a, shots_b in [(2, 50, 50), (4, 1000, 1000), (8, 1000, 5000), (64, 100000, 20000), (300, 50000, 50000)]:
        p = RANDOM.dirichlet(numpy.full(size, 3.0)) * 0.5 + 0.5 / size
        for drawn in [p, 0.93 * p + 0.07 / size]:
            a, b = RANDOM.multinomial(shots_a, p), RANDOM.multinomial(shots_b, drawn)
            found = stats.chi2_contingency([a, b], correction=False, lambda_="log-likelihood")
            assert found.expected_freq.min() >= 5
            n = shots_a + shots_b
            rows, columns = n / shots_a + n / shots_b - 1, (n / (a + b)).sum() - 1
            correction = 1 + rows * columns / (6 * n * (size - 1))
            cases.append({"a": a.tolist(), "b": b.tolist(), "statistic": float(found.statistic), "df": int(found.dof),
                          "correction": float(correction), "p": float(stats.chi2.sf(found.statistic / correction, found.dof))})
    write("g-test-samples", 'scipy.stats.chi2_contingency([a, b], correction=False, lambda_="log-likelihood"); p of the statistic over Williams\'s correction', cases)


def some_samples():
    for size, shots_a, shots_b in [(2, 1, 1), (2, 10, 7), (4, 1000, 1000), (32, 1000, 300), (64, 100000, 20000), (1000, 3000, 3000), (3, 2000000, 5000000)]:
        p = RANDOM.dirichlet(numpy.full(size, 0.7))
        a, b = RANDOM.multinomial(shots_a, p), RANDOM.multinomial(shots_b, p)
        seen = a + b > 0
        yield a[seen], b[seen]


def distances():
    cases = [{"a": a.tolist(), "b": b.tolist(),
              "total_variation": math.fsum(abs(a / a.sum() - b / b.sum())) / 2,
              "hellinger_fidelity": min(1.0, math.fsum(numpy.sqrt((a / a.sum()) * (b / b.sum()))) ** 2)}
             for a, b in some_samples()]
    write("distances", "half the sum of |p−q|; the square of the sum of √(pq); by math.fsum", cases)


def shot_noise():
    cases = []
    for a, b in some_samples():
        drawn, every = int(a.sum()), int(a.sum() + b.sum())
        deviation, affinity = [], []
        for marked in (a + b).tolist():
            low, high = max(0, drawn + marked - every), min(drawn, marked)
            middle, width = drawn * marked / every, 60 * math.sqrt(marked) + 60
            x = numpy.arange(max(low, math.floor(middle - width)), min(high, math.ceil(middle + width)) + 1)
            weight = stats.hypergeom.pmf(x, every, marked, drawn)
            # SciPy's pmf of millions has some 1e-9 of error, nearly the same for every x: its own sum takes it out.
            weight = weight / math.fsum(weight)
            deviation.append(math.fsum(weight * abs(x / drawn - (marked - x) / (every - drawn))))
            affinity.append(math.fsum(weight * numpy.sqrt(x * (marked - x))))
        cases.append({"a": a.tolist(), "b": b.tolist(), "total_variation": math.fsum(deviation) / 2,
                      "hellinger_fidelity": min(1.0, math.fsum(affinity) ** 2 / (drawn * (every - drawn)))})
    write("shot-noise", "sums over scipy.stats.hypergeom.pmf, made to add up to one", cases)


def noisy_counts():
    for qubits, shots, strength in [(1, 100, 0.3), (3, 1000, 0.0), (5, 5000, 0.1), (6, 100000, 0.5), (8, 20000, 0.97), (10, 1000, 0.2)]:
        ideal = RANDOM.dirichlet(numpy.ones(2**qubits))
        yield ideal, RANDOM.multinomial(shots, (1 - strength) * ideal + strength / 2**qubits)


def linear_xeb():
    cases = []
    for ideal, observed in noisy_counts():
        size = len(ideal)
        sample = numpy.repeat(size * ideal, observed)
        cases.append({"ideal": ideal.tolist(), "observed": observed.tolist(), "value": float(sample.mean() - 1),
                      "error": float(stats.sem(sample)), "perfect": float(size * (ideal**2).sum() - 1)})
    write("linear-xeb", "mean and scipy.stats.sem of D·p over the shots", cases)


def depolarizing():
    cases = []
    for ideal, observed in noisy_counts():
        even, seen = 1 / len(ideal), observed > 0
        count, excess = observed[seen].astype(float), ideal[seen] - even

        def slope(fidelity):
            return float((count * excess / (even + fidelity * excess)).sum())

        low = max(-1.0, -even / excess.max()) + 1e-12
        fidelity = 1.0 if slope(1.0) >= 0 else optimize.brentq(slope, low, 1.0, xtol=1e-15, rtol=1e-15)
        information = (count * (excess / (even + fidelity * excess)) ** 2).sum()
        cases.append({"ideal": ideal.tolist(), "observed": observed.tolist(), "fidelity": fidelity, "error": float(1 / math.sqrt(information))})
    write("depolarizing", "scipy.optimize.brentq of the likelihood's slope; one over the root of the observed information", cases)


FOLDER.mkdir(parents=True, exist_ok=True)
for each in [incomplete_gamma, tails, g_test_fit, g_test_samples, distances, shot_noise, linear_xeb, depolarizing]:
    each()
