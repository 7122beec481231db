/* Turns a column-major file of doubles into a CSV file with a header row.
 *     write_csv RAW ROWS COLUMNS DECIMALS OUT      (DECIMALS 0: 17 significant digits) */
#include <stdio.h>
#include <stdlib.h>

static void write_rows(FILE *out, const double *x, size_t rows, size_t columns, int decimals)
{
    for (size_t j = 0; j < columns; j++)
        fprintf(out, "%sx%zu", j ? "," : "", j + 1);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) {
            fputc(j ? ',' : '\n', out);
            if (decimals)
                fprintf(out, "%.*f", decimals, x[i + j * rows]);
            else
                fprintf(out, "%.17g", x[i + j * rows]);
        }
    fputc('\n', out);
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return EXIT_FAILURE;
    const size_t rows = strtoull(argv[2], NULL, 10), columns = strtoull(argv[3], NULL, 10);
    double *x = malloc(rows * columns * sizeof *x);
    FILE *in = fopen(argv[1], "rb"), *out = fopen(argv[5], "w");
    int good = x && in && out && fread(x, sizeof *x, rows * columns, in) == rows * columns;

    if (good)
        write_rows(out, x, rows, columns, atoi(argv[4]));
    if (in)
        fclose(in);
    if (out)
        good = fclose(out) == 0 && good;
    free(x);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
