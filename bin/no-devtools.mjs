/** Stands in for react-devtools-core in the built program: Ink asks for it only when DEV is "true". */
export default { initialize() {}, connectToDevTools() {} };
