using System.Text.Json;

namespace Descent.Training.Configuration;

/// <summary>Names of run-file keys: the snake_case form of a property's or an enumeration member's name.</summary>
internal static class SnakeCase
{
    public static string Of(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);
}
