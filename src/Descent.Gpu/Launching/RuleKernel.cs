using Descent.Optimizers;
using Descent.Torch;

namespace Descent.Gpu;

/// <summary>One rule over one list of parameters on a device.</summary>
internal sealed class RuleKernel(UpdateKernel kernel, ILauncher launcher) : DeviceKernel
{
    private readonly Dictionary<int, TensorTable> _tables = [];

    public override void Update(ReadOnlySpan<TensorSlot> slots, in StepScalars scalars, int device)
    {
        if (!_tables.TryGetValue(device, out TensorTable? table))
        {
            _tables.Add(device, table = new TensorTable(launcher, device));
        }

        table.Fill(slots);
        var launches = new Launches(launcher, device, table);
        kernel.TryAccept(ref launches, scalars);
    }

    /// <summary>Whether a card can run the kernel's rule.</summary>
    public static bool Serves(UpdateKernel kernel, in StepScalars scalars)
    {
        var probe = new Probe();
        return kernel.TryAccept(ref probe, scalars) && probe.Served;
    }

    private struct Probe : IRuleVisitor
    {
        public bool Served { get; private set; }

        public void Visit<TRule, TPrologue>(TRule rule, TPrologue prologue, bool exempt)
            where TRule : struct, IRule
            where TPrologue : struct, IPrologue<TPrologue> =>
            Served = PtxCompiler.Serves<TRule>();
    }

    private readonly struct Launches(ILauncher launcher, int device, TensorTable table) : IRuleVisitor
    {
        public void Visit<TRule, TPrologue>(TRule rule, TPrologue prologue, bool exempt)
            where TRule : struct, IRule
            where TPrologue : struct, IPrologue<TPrologue>
        {
            int blocks = table.Blocks(exempt);
            if (blocks > 0)
            {
                launcher.Launch(device, table.Tensors, table.Pieces(exempt), blocks, rule, prologue);
            }
        }
    }
}
