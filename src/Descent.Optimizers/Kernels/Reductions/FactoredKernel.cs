using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Descent.Optimizers;

/// <summary>
/// Runs a factored rule over matrices and hands vectors to <paramref name="vectors"/>. Three passes: squares by row and by column, the size of the
/// direction, the update. Tensors that the cache holds are read from memory once, see <see cref="ReductionKernel"/>.
/// </summary>
/// <param name="options">The rule's options; its first two states are the means of rows and of columns.</param>
/// <param name="create">Makes the rule of one step.</param>
/// <param name="vectors">The same rule for tensors of fewer than two dimensions.</param>
internal sealed unsafe class FactoredKernel<TRule>(
    OptimizerOptions options, Func<StepScalars, ElementType, TRule> create, UpdateKernel vectors) : ReductionKernel(options), IParallelBody
    where TRule : struct, IFactoredRule
{
    private readonly List<FactoredPlan> _plans = [];
    private Func<StepScalars, ElementType, TRule> _create = create;
    private TensorSlot[] _matrices = [];
    private TensorSlot[] _others = [];
    private double[] _squares = [];
    private TensorFactors[] _factors = [];
    private double[] _columnSums = [];
    private double[] _means = [];

    // As elements of the step's type; doubles give room for either.
    private double[] _rowFactors = [];
    private double[] _columnFactors = [];

    // Of the step in progress.
    private FactoredPlan _plan = new();
    private TensorSlot* _slots;
    private ElementType _type;
    private TRule _rule;
    private TRule _exemptRule;
    private Pass _pass;

    private UpdateKernel Vectors => vectors;

    private enum Pass
    {
        Gather,
        Settle,
        Measure,
        Update,
    }

    public override void Update(ReadOnlySpan<TensorSlot> slots, ElementType type, in StepScalars scalars, IParallelRunner runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        Begin(scalars);
        if (_matrices.Length < slots.Length)
        {
            (_matrices, _others) = (new TensorSlot[slots.Length], new TensorSlot[slots.Length]);
        }

        int matrices = 0, others = 0;
        for (int index = 0; index < slots.Length; index++)
        {
            ref readonly TensorSlot slot = ref slots[index];
            if (slot.Rows == 0)
            {
                _others[others++] = slot;
                continue;
            }

            Check(slot, type, index, slots.Length, Streams.State0 | Streams.State1 | (TRule.HasMomentum ? Streams.State3 : Streams.None));
            CheckShape(slot, index, slots.Length);
            _matrices[matrices++] = slot;
        }

        vectors.Width = Width;
        vectors.Update(_others.AsSpan(0, others), type, scalars, runner);
        (_type, _rule, _exemptRule) = (type, _create(scalars, type), _create(ForExempt(scalars), type));
        int wave = 0;
        for (int start = 0; start < matrices;)
        {
            int end = WaveEnd(_matrices.AsSpan(0, matrices), start);
            Run(_matrices.AsSpan(start, end - start), wave++, runner);
            start = end;
        }
    }

    internal override bool TryAdopt(UpdateKernel other)
    {
        if (other is not FactoredKernel<TRule> same || !vectors.TryAdopt(same.Vectors))
        {
            return false;
        }

        Adopt(same);
        _create = same._create;
        return true;
    }

    void IParallelBody.Execute(int item)
    {
        if (_type == ElementType.Float32)
        {
            Execute<float>(item);
        }
        else
        {
            Execute<double>(item);
        }
    }

    private void Run(ReadOnlySpan<TensorSlot> slots, int wave, IParallelRunner runner)
    {
        while (_plans.Count <= wave)
        {
            _plans.Add(new FactoredPlan());
        }

        _plan = _plans[wave];
        _plan.Prepare(slots);
        Room(ref _squares, 2 * _plan.Pieces.Length);
        Room(ref _columnSums, _plan.ColumnSums);
        Room(ref _means, _plan.Matrices);
        Room(ref _rowFactors, _plan.Rows);
        Room(ref _columnFactors, _plan.Columns);
        if (_factors.Length < slots.Length)
        {
            _factors = new TensorFactors[slots.Length];
        }

        fixed (TensorSlot* pinned = slots)
        {
            _slots = pinned;
            Run(Pass.Gather, _plan.Pieces.Length, runner);
            Run(Pass.Settle, slots.Length, runner);
            Run(Pass.Measure, _plan.Pieces.Length, runner);
            for (int tensor = 0; tensor < slots.Length; tensor++)
            {
                _factors[tensor] = Factors(slots[tensor], _plan.Parts[tensor]);
            }

            Run(Pass.Update, _plan.Pieces.Length, runner);
            _slots = null;
        }
    }

    private void Run(Pass pass, int items, IParallelRunner runner)
    {
        _pass = pass;

        // Forth, back and forth again: each pass begins with what the one before it read last, which is still in the cache.
        runner.Run(items, this, backwards: pass == Pass.Measure);
    }

    private TensorFactors Factors(in TensorSlot slot, FactoredPlan.Part part)
    {
        double parameter = 0, direction = 0;
        for (int piece = part.FirstPiece; piece < part.LastPiece; piece++)
        {
            parameter += _squares[2 * piece];
            direction += _squares[(2 * piece) + 1];
        }

        return Rule(slot).Settle(parameter, direction, slot.Length);
    }

    private ref readonly TRule Rule(in TensorSlot slot) => ref slot.Exempt ? ref _exemptRule : ref _rule;

    private void Execute<T>(int item) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (_pass == Pass.Settle)
        {
            Settle<T>(_slots[item], _plan.Parts[item]);
            return;
        }

        FactoredPlan.Piece piece = _plan.Pieces[item];
        ref readonly TensorSlot slot = ref _slots[piece.Tensor];
        Prologue prologue = slot.Exempt ? Exempt : Prologue;
        switch (prologue.Form)
        {
            case PrologueForm.Scaled: Execute<Scaled, T>(item, prologue.Scaled.Times(slot.GradientScale), slot, piece); break;
            case PrologueForm.Decayed: Execute<Decayed, T>(item, prologue.Decayed.Times(slot.GradientScale), slot, piece); break;
            case PrologueForm.Elastic: Execute<Elastic, T>(item, prologue.Elastic.Times(slot.GradientScale), slot, piece); break;
            default: Execute<Clamped, T>(item, prologue.Clamped.Times(slot.GradientScale), slot, piece); break;
        }
    }

    private void Execute<TPrologue, T>(int item, in TPrologue prologue, in TensorSlot slot, FactoredPlan.Piece piece)
        where TPrologue : struct, IPrologue
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        FactoredPlan.Part part = _plan.Parts[piece.Tensor];
        T* p = (T*)slot.Parameter + (piece.Row * slot.Columns);
        T* g = (T*)slot.Gradient + (piece.Row * slot.Columns);
        T* m = TRule.HasMomentum ? (T*)slot.State3 + (piece.Row * slot.Columns) : null;
        T* rowMeans = (T*)slot.State0 + piece.Row;
        fixed (double* means = _means, columnSums = _columnSums, rowFactors = _rowFactors, columnFactors = _columnFactors)
        {
            T* rows = (T*)rowFactors + part.FirstRow + piece.Row;
            long matrix = piece.Row / slot.Rows;
            T* columns = (T*)columnFactors + part.FirstColumn + (matrix * slot.Columns);
            switch (_pass)
            {
                case Pass.Gather:
                    _squares[2 * item] = FactoredTraversal<TRule, TPrologue, T>.Gather(
                        Rule(slot), prologue, p, g, piece.Rows, slot, rowMeans, columnSums + piece.ColumnSums, Width);
                    break;
                case Pass.Measure:
                    _squares[(2 * item) + 1] = FactoredTraversal<TRule, TPrologue, T>.Measure(
                        Rule(slot), prologue, p, g, piece.Rows, slot, rowMeans, means + part.FirstMatrix + matrix, rows, columns, Width);
                    break;
                default:
                    FactoredTraversal<TRule, TPrologue, T>.Update(
                        Rule(slot), prologue, _factors[piece.Tensor], p, g, m, piece.Rows, slot, rows, columns, Width);
                    break;
            }
        }
    }

    /// <summary>Brings the means of a tensor's columns forward, and computes their factors and the means over all rows.</summary>
    private void Settle<T>(in TensorSlot slot, FactoredPlan.Part part) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ref readonly TRule rule = ref Rule(slot);
        fixed (double* columnFactors = _columnFactors)
        {
            for (long matrix = 0; matrix < part.Matrices; matrix++)
            {
                T* rowMeans = (T*)slot.State0 + (matrix * slot.Rows);
                double total = 0;
                for (long row = 0; row < slot.Rows; row++)
                {
                    total += double.CreateTruncating(rowMeans[row]);
                }

                _means[part.FirstMatrix + matrix] = total / slot.Rows;
                SettleColumns<T>(rule, slot, part, matrix, (T*)columnFactors + part.FirstColumn + (matrix * slot.Columns));
            }
        }
    }

    private void SettleColumns<T>(in TRule rule, in TensorSlot slot, FactoredPlan.Part part, long matrix, T* factors)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T* means = (T*)slot.State1 + (matrix * slot.Columns);
        int columns = (int)slot.Columns;
        fixed (double* all = _columnSums)
        {
            double* sums = all + part.ColumnSums + (matrix * part.Cuts * columns);
            for (long cut = 1; cut < part.Cuts; cut++)
            {
                AddTo(sums, sums + (cut * columns), columns);
            }

            for (int column = 0; column < columns; column++)
            {
                means[column] = T.CreateTruncating(rule.Advance(double.CreateTruncating(means[column]), sums[column] / slot.Rows));
                factors[column] = T.CreateTruncating(rule.ColumnFactor(double.CreateTruncating(means[column])));
            }
        }
    }

    /// <summary>sums += more, each on its own.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTo(double* sums, double* more, int count)
    {
        int i = 0;
        for (; i <= count - Vector256<double>.Count; i += Vector256<double>.Count)
        {
            (Vector256.Load(sums + i) + Vector256.Load(more + i)).Store(sums + i);
        }

        for (; i < count; i++)
        {
            sums[i] += more[i];
        }
    }

    private static void Room(ref double[] array, long length)
    {
        if (array.Length < length)
        {
            array = new double[length];
        }
    }

    private static void CheckShape(in TensorSlot slot, int index, int count)
    {
        if (slot.Length > 0 && (slot.Rows < 0 || slot.Columns < 1 || slot.Length % (slot.Rows * slot.Columns) != 0))
        {
            throw new ArgumentException(
                $"Tensor {index} of {count} has {slot.Length} elements, which {slot.Rows} rows of {slot.Columns} columns don't divide; give its last two dimensions.",
                "slots");
        }
    }
}
