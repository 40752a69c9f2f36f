using System.Linq.Expressions;
using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Dashboard.Postgres.Store;

/// <summary>Core searches with LIKE, which knows no case on SQLite; here that is ILIKE. A search finds the same on both.</summary>
internal sealed class LikeInAnyCase : IQueryExpressionInterceptor
{
    public static readonly LikeInAnyCase Instance = new();

    public Expression QueryCompilationStarting(Expression queryExpression, QueryExpressionEventData eventData) => new Rewriting().Visit(queryExpression);

    private sealed class Rewriting : ExpressionVisitor
    {
        private static readonly Type[] WithEscape = [typeof(DbFunctions), typeof(string), typeof(string), typeof(string)];
        private static readonly MethodInfo Like = typeof(DbFunctionsExtensions).GetMethod(nameof(DbFunctionsExtensions.Like), WithEscape)!;
        private static readonly MethodInfo ILike = typeof(NpgsqlDbFunctionsExtensions).GetMethod(nameof(NpgsqlDbFunctionsExtensions.ILike), WithEscape)!;

        protected override Expression VisitMethodCall(MethodCallExpression node) =>
            node.Method == Like ? Expression.Call(ILike, node.Arguments.Select(argument => Visit(argument)!)) : base.VisitMethodCall(node);
    }
}
