namespace Descent.Optimizers;

/// <summary>
/// Cuts matrices into pieces of whole rows: a large matrix becomes many pieces, of a batch of small ones several share a piece. Kept until shapes change.
/// </summary>
internal sealed class FactoredPlan
{
    /// <summary>
    /// Elements a piece. Each piece has sums of its own for the columns, in double, so rows must be many enough that these are small beside the matrix.
    /// </summary>
    private const long PieceElements = 64 * 1024;

    private const long FewestRows = 16;

    private (long Length, long Rows, long Columns)[] _shapes = [];
    private int _tensors = -1;

    public Piece[] Pieces { get; private set; } = [];

    public Part[] Parts { get; private set; } = [];

    /// <summary>Room for the columns' sums of all pieces.</summary>
    public long ColumnSums { get; private set; }

    /// <summary>Rows of all matrices.</summary>
    public long Rows { get; private set; }

    /// <summary>Columns of all matrices.</summary>
    public long Columns { get; private set; }

    /// <summary>All matrices.</summary>
    public long Matrices { get; private set; }

    public void Prepare(ReadOnlySpan<TensorSlot> slots)
    {
        if (Matches(slots))
        {
            return;
        }

        _tensors = -1;
        _shapes = new (long, long, long)[slots.Length];
        Parts = new Part[slots.Length];
        List<Piece> pieces = [];
        (ColumnSums, Rows, Columns, Matrices) = (0, 0, 0, 0);
        for (int tensor = 0; tensor < slots.Length; tensor++)
        {
            ref readonly TensorSlot slot = ref slots[tensor];
            _shapes[tensor] = (slot.Length, slot.Rows, slot.Columns);
            long matrices = slot.Length == 0 ? 0 : slot.Length / (slot.Rows * slot.Columns);
            long height = Math.Max(FewestRows, PieceElements / Math.Max(1, slot.Columns) & -FewestRows);
            long cuts = slot.Rows > height ? (slot.Rows + height - 1) / height : 1;
            long together = cuts > 1 ? 1 : Math.Max(1, height / Math.Max(1, slot.Rows));
            int first = pieces.Count;
            for (long matrix = 0; matrix < matrices; matrix += together)
            {
                for (long cut = 0; cut < cuts; cut++)
                {
                    long row = cut * height;
                    long rows = cuts > 1 ? Math.Min(height, slot.Rows - row) : Math.Min(together, matrices - matrix) * slot.Rows;
                    long sums = ColumnSums + (((matrix * cuts) + cut) * slot.Columns);
                    pieces.Add(new Piece(tensor, (matrix * slot.Rows) + row, rows, sums));
                }
            }

            Parts[tensor] = new Part(first, pieces.Count, matrices, cuts, ColumnSums, Rows, Columns, Matrices);
            ColumnSums += matrices * cuts * slot.Columns;
            Rows += matrices * slot.Rows;
            Columns += matrices * slot.Columns;
            Matrices += matrices;
        }

        Pieces = [.. pieces];
        _tensors = slots.Length;
    }

    private bool Matches(ReadOnlySpan<TensorSlot> slots)
    {
        if (slots.Length != _tensors)
        {
            return false;
        }

        for (int tensor = 0; tensor < slots.Length; tensor++)
        {
            if ((slots[tensor].Length, slots[tensor].Rows, slots[tensor].Columns) != _shapes[tensor])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Rows of one tensor, counted through its batch: a part of one matrix, or whole matrices.</summary>
    /// <param name="Tensor">The tensor.</param>
    /// <param name="Row">The first row.</param>
    /// <param name="Rows">How many.</param>
    /// <param name="ColumnSums">Where the columns' sums go; each further matrix's follow.</param>
    internal readonly record struct Piece(int Tensor, long Row, long Rows, long ColumnSums);

    /// <summary>What belongs to one tensor.</summary>
    /// <param name="FirstPiece">Its first piece.</param>
    /// <param name="LastPiece">The piece behind its last.</param>
    /// <param name="Matrices">Matrices in its batch.</param>
    /// <param name="Cuts">Pieces that a matrix is cut into.</param>
    /// <param name="ColumnSums">Where its columns' sums begin.</param>
    /// <param name="FirstRow">Where its rows' numbers begin.</param>
    /// <param name="FirstColumn">Where its columns' factors begin.</param>
    /// <param name="FirstMatrix">Where its matrices' numbers begin.</param>
    internal readonly record struct Part(int FirstPiece, int LastPiece, long Matrices, long Cuts, long ColumnSums, long FirstRow, long FirstColumn, long FirstMatrix);
}
