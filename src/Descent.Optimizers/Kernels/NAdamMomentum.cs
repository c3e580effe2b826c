namespace Descent.Optimizers;

/// <summary>NAdam's momentum μₜ = β₁(1 − ½·0.96^{tψ}) and the product Pₜ of all up to t, as functions of t alone.</summary>
internal readonly struct NAdamMomentum(double beta1, double decay)
{
    /// <summary>μₜ.</summary>
    public double At(long step) => beta1 * (1 - (0.5 * Math.Pow(0.96, step * decay)));

    /// <summary>
    /// Pₜ. With q = 0.96^ψ, ln Pₜ = t·ln β₁ + Σₖ ln(1 − ½qᵏ) over k = 1 … t; the logarithm's series turns the sum into geometric ones,
    /// −Σₙ (½)ⁿ/n · qⁿ(1 − qⁿᵗ)/(1 − qⁿ). Sixty terms are more than a double holds.
    /// </summary>
    public double Product(long step)
    {
        double rate = -decay * Math.Log(0.96); // q = e^−rate
        double sum = 0;
        for (int n = 1; n <= 60; n++)
        {
            double geometric = rate == 0 ? step : Math.Exp(-n * rate) * OneMinusExp(n * rate * step) / OneMinusExp(n * rate);
            sum += Math.ScaleB(geometric / n, -n);
        }

        return Math.Pow(beta1, step) * Math.Exp(-sum);
    }

    /// <summary>1 − e^−x without the cancellation near 0.</summary>
    private static double OneMinusExp(double x) => Math.Tanh(x / 2) * (1 + Math.Exp(-x));
}
