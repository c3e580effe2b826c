namespace Descent.Torch;

/// <summary>
/// A module that knows what its parameters are. Descent's models implement it; for any other module roles are read off the types of its parts.
/// Names are those of <c>named_parameters()</c>.
/// </summary>
public interface IParameterLayout
{
    /// <summary>What a parameter does.</summary>
    /// <param name="parameterName">Its full name.</param>
    /// <exception cref="ArgumentException">There is no such parameter.</exception>
    ParameterRole RoleOf(string parameterName);

    /// <summary>Row counts of matrices that are stacked into one parameter, such as query, key and value.</summary>
    /// <param name="parameterName">Its full name.</param>
    /// <param name="rows">The size of its first dimension.</param>
    /// <returns>Counts that add up to <paramref name="rows"/>; a single one where the parameter is one matrix.</returns>
    long[] StackedRows(string parameterName, long rows) => [rows];

    /// <summary>Rows of one attention head in a parameter's query and key parts; 0 where there are no heads.</summary>
    /// <param name="parameterName">Its full name.</param>
    long HeadRows(string parameterName) => 0;
}
