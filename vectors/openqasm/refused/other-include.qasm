OPENQASM 2.0;
include "qelib1.inc";
include "mine.inc";
// refused: line 3, column 1: the file "mine.inc" is not opened
